# What Vedette needs of API Gateway: an access log in JSON, with every fact that $context has.
# The query, the size of requests and tokens are not among them; the integration behind it can log those.
# Values that an API type does not have are logged as "-".
aws apigateway update-stage --rest-api-id "$API" --stage-name "$STAGE" --patch-operations \
  "op=replace,path=/accessLogSettings/destinationArn,value=$LOG_GROUP_ARN" \
  'op=replace,path=/accessLogSettings/format,value={"requestId":"$context.requestId"\,"requestTimeEpoch":"$context.requestTimeEpoch"\,"ip":"$context.identity.sourceIp"\,"principalId":"$context.authorizer.principalId"\,"user":"$context.identity.user"\,"apiKeyId":"$context.identity.apiKeyId"\,"httpMethod":"$context.httpMethod"\,"path":"$context.path"\,"resourcePath":"$context.resourcePath"\,"status":"$context.status"\,"protocol":"$context.protocol"\,"responseLength":"$context.responseLength"\,"responseLatency":"$context.responseLatency"\,"domainName":"$context.domainName"\,"apiId":"$context.apiId"\,"userAgent":"$context.identity.userAgent"}'

# HTTP and WebSocket APIs:
aws apigatewayv2 update-stage --api-id "$API" --stage-name "$STAGE" --access-log-settings \
  'DestinationArn='"$LOG_GROUP_ARN"',Format="{\"requestId\":\"$context.requestId\",\"requestTimeEpoch\":\"$context.requestTimeEpoch\",\"ip\":\"$context.identity.sourceIp\",\"principalId\":\"$context.authorizer.principalId\",\"httpMethod\":\"$context.httpMethod\",\"path\":\"$context.path\",\"routeKey\":\"$context.routeKey\",\"status\":\"$context.status\",\"protocol\":\"$context.protocol\",\"responseLength\":\"$context.responseLength\",\"responseLatency\":\"$context.responseLatency\",\"domainName\":\"$context.domainName\",\"apiId\":\"$context.apiId\",\"userAgent\":\"$context.identity.userAgent\"}"'
