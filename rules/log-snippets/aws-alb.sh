# What Vedette needs of an Application Load Balancer: its access log. The format is Amazon's and cannot be changed; it
# names no user, so callers are told by address. The service behind it can log the rest.
#
# The bucket needs the policy that lets load balancers of its region write. Files arrive every five minutes; give the
# folder to `vedette analyze`, which reads them compressed.
aws elbv2 modify-load-balancer-attributes \
  --load-balancer-arn "$LOAD_BALANCER_ARN" \
  --attributes \
    Key=access_logs.s3.enabled,Value=true \
    Key=access_logs.s3.bucket,Value="$BUCKET" \
    Key=access_logs.s3.prefix,Value=vedette

aws s3 sync "s3://$BUCKET/vedette/" alb-logs/ && vedette analyze alb-logs/ --out report
