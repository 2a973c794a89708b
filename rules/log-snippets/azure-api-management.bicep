// What Vedette needs of API Management: gateway logs of every call, with the headers that tell programs.
// az deployment group create --resource-group GROUP --template-file vedette-log.bicep --parameters service=NAME account=ID
//
// Tokens are not logged: callers are told apart by subscription and user. Bodies are not logged either.
param service string
@description('Resource id of the storage account that receives the logs.')
param account string

resource apim 'Microsoft.ApiManagement/service@2022-08-01' existing = {
  name: service
}

resource monitor 'Microsoft.ApiManagement/service/loggers@2022-08-01' = {
  parent: apim
  name: 'azuremonitor'
  properties: {
    loggerType: 'azureMonitor'
    isBuffered: true
  }
}

resource facts 'Microsoft.ApiManagement/service/diagnostics@2022-08-01' = {
  parent: apim
  name: 'azuremonitor'
  properties: {
    loggerId: monitor.id
    alwaysLog: 'allErrors'
    verbosity: 'information'
    logClientIp: true
    sampling: {
      samplingType: 'fixed'
      percentage: 100
    }
    frontend: {
      request: {
        headers: ['User-Agent', 'Referer', 'Content-Type', 'X-Forwarded-For', 'traceparent']
        body: { bytes: 0 }
      }
      response: {
        headers: ['Content-Type']
        body: { bytes: 0 }
      }
    }
  }
}

resource delivery 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: apim
  name: 'vedette'
  properties: {
    storageAccountId: account
    logs: [
      {
        category: 'GatewayLogs'
        enabled: true
      }
    ]
  }
}
