# What Vedette needs of CloudFront: standard logging (v2) as W3C with times in milliseconds, to S3.
# It names no user, so callers are told by address; cs(Cookie) is left out on purpose, because it would log sessions.
# Run in us-east-1, where CloudFront's log deliveries live.
aws logs put-delivery-source --region us-east-1 --name vedette \
  --resource-arn "$DISTRIBUTION_ARN" --log-type ACCESS_LOGS
aws logs put-delivery-destination --region us-east-1 --name vedette --output-format w3c \
  --delivery-destination-configuration "destinationResourceArn=arn:aws:s3:::$BUCKET/vedette"
aws logs create-delivery --region us-east-1 --delivery-source-name vedette \
  --delivery-destination-arn "$(aws logs get-delivery-destination --region us-east-1 --name vedette \
    --query deliveryDestination.arn --output text)" \
  --record-fields 'timestamp(ms)' c-ip x-forwarded-for cs-method cs-protocol x-host-header cs-uri-stem cs-uri-query \
    cs-protocol-version sc-status time-taken cs-bytes sc-bytes 'cs(User-Agent)' 'cs(Referer)' ssl-protocol \
    sc-content-type x-edge-request-id

aws s3 sync "s3://$BUCKET/vedette/" cloudfront-logs/ && vedette analyze cloudfront-logs/ --out report
